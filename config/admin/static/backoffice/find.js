// The find box in the header: results as one types, by keyboard or pointer (ARIA combobox).
(() => {
    const WAIT = 110;

    function setUp(form) {
        const box = form.querySelector(".find-box");
        const list = form.querySelector(".find-options");
        const said = form.querySelector(".find-said");
        const status = form.querySelector("[role=status]");
        let asked = "";
        let shownFor = null;
        let timer = 0;
        let running = null;
        let active = -1;

        box.setAttribute("role", "combobox");
        box.setAttribute("aria-autocomplete", "list");
        box.setAttribute("aria-controls", list.id);
        box.setAttribute("aria-expanded", "false");
        if (/Mac|iPhone|iPad/.test(navigator.platform)) {
            form.querySelector(".find-key").textContent = "⌘ K";
        }

        const options = () => [...list.querySelectorAll("[role=option]")];

        function choose(index) {
            const all = options();
            all.forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
            active = index;
            if (all[index]) {
                box.setAttribute("aria-activedescendant", all[index].id);
                all[index].scrollIntoView({ block: "nearest" });
            } else {
                box.removeAttribute("aria-activedescendant");
            }
        }

        function close() {
            list.hidden = said.hidden = true;
            box.setAttribute("aria-expanded", "false");
            choose(-1);
        }

        function open() {
            const count = options().length;
            list.hidden = count === 0;
            box.setAttribute("aria-expanded", String(count > 0));
            if (count) {
                said.hidden = true;
                choose(0);
            }
            const words = count === 1 ? status.dataset.one : status.dataset.many;
            const similar = list.querySelector(".find-similar-said")?.textContent ?? "";
            const heard = `${similar} ${words.replace("%s", count)}`.trim();
            status.textContent = count ? heard : form.dataset.none;
        }

        function say(sentence) {
            close();
            said.textContent = sentence;
            said.hidden = false;
            status.textContent = sentence;
        }

        async function ask(query) {
            running?.abort();
            running = new AbortController();
            const { signal } = running;
            try {
                const address = `${form.dataset.options}?q=${encodeURIComponent(query)}`;
                const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
                // After signing out the answer is the page that asks to sign in.
                if (answer.redirected) {
                    window.location.reload();
                    return;
                }
                if (!answer.ok) {
                    say(form.dataset.failed);
                    return;
                }
                const text = await answer.text();
                if (signal.aborted) return;
                list.innerHTML = text;
                shownFor = query;
                if (document.activeElement !== box) return;
                if (options().length) open();
                else say(form.dataset.none);
            } catch (error) {
                if (error.name !== "AbortError") say(form.dataset.failed);
            }
        }

        function typed() {
            const query = box.value.trim();
            if (query === asked && (shownFor === query || running)) return;
            asked = query;
            clearTimeout(timer);
            if (!query) {
                running?.abort();
                list.replaceChildren();
                shownFor = null;
                close();
                return;
            }
            timer = setTimeout(() => ask(query), WAIT);
        }

        function press(event) {
            const count = options().length;
            const isOpen = !list.hidden;
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                if (!count) return;
                event.preventDefault();
                if (!isOpen) return open();
                choose((active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
            } else if (event.key === "Enter") {
                // What is shown may still be about fewer letters: then the page has the answer.
                const option = isOpen && shownFor === box.value.trim() ? options()[active] : null;
                if (!option) return;
                event.preventDefault();
                if (event.ctrlKey || event.metaKey) window.open(option.href, "_blank", "noopener");
                else window.location.assign(option.href);
            } else if (event.key === "Escape") {
                event.stopPropagation();
                if (isOpen || !said.hidden) {
                    event.preventDefault();
                    close();
                } else if (!box.value) {
                    box.blur();
                }
            }
        }

        box.addEventListener("input", typed);
        box.addEventListener("keydown", press);
        box.addEventListener("focus", () => {
            if (shownFor !== null && shownFor === box.value.trim() && options().length) open();
        });
        form.addEventListener("focusout", (event) => {
            if (!form.contains(event.relatedTarget)) close();
        });
        // The box keeps the focus while an option is pressed.
        list.addEventListener("mousedown", (event) => event.preventDefault());
        list.addEventListener("mousemove", (event) => {
            const at = options().indexOf(event.target.closest("[role=option]"));
            if (at >= 0 && at !== active) choose(at);
        });
        form.addEventListener("submit", (event) => {
            if (!box.value.trim()) event.preventDefault();
        });
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll("form.find").forEach(setUp);
    });
    document.addEventListener("keydown", (event) => {
        const wanted = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
        if (!wanted || event.key.toLowerCase() !== "k") return;
        const box = document.querySelector("form.find .find-box");
        if (!box) return;
        event.preventDefault();
        box.focus();
        box.select();
    });
})();
