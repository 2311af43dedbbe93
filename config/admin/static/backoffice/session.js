"use strict";

// Keeps what is being typed from being lost to a session that ends. Whoever types is at work, so
// the server is told; and a form that waited long is sent only once its session is known to go on.
(() => {
    const MINUTE = 60 * 1000;
    const [TELL_AFTER, DOUBT_AFTER] = [5 * MINUTE, 20 * MINUTE];
    const root = document.documentElement;
    let heardAt = Date.now();

    async function ask() {
        const answer = await fetch("/admin/still-here/", { redirect: "manual" });
        if (!answer.ok) return false;
        const { token } = await answer.json();
        // After signing in again, in another tab, forms carry a new token.
        for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) {
            field.value = token;
        }
        heardAt = Date.now();
        return true;
    }

    document.addEventListener("input", () => {
        if (Date.now() - heardAt < TELL_AFTER) return;
        heardAt = Date.now();
        ask().catch(() => {});
    });

    document.addEventListener(
        "submit",
        (event) => {
            const form = event.target;
            if (form.method !== "post" || Date.now() - heardAt < DOUBT_AFTER) return;
            if (!document.querySelector("#session-ended")) return;
            event.preventDefault();
            event.stopImmediatePropagation();
            ask()
                .then((goesOn) => (goesOn ? form.requestSubmit(event.submitter) : warn()))
                .catch(warn);
        },
        true,
    );

    function warn() {
        const dialog = document.querySelector("#session-ended");
        if (!dialog.open) dialog.showModal();
    }

    root.addEventListener("click", (event) => {
        if (event.target.closest("#session-ended-close")) {
            document.querySelector("#session-ended").close();
        }
    });
})();
