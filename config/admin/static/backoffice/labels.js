// Select2 draws a box of its own over a select and leaves out the label, and a field that says what
// it is by its placeholder has none: a screen reader would call them nothing.
"use strict";

(() => {
    const labelOf = (select) => {
        const label = document.querySelector(`label[for="${select.id}"]`);
        if (label && !label.id) label.id = `${select.id}_label`;
        return label;
    };

    const name = () => {
        for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
            const label = labelOf(select);
            const box = select.nextElementSibling?.querySelector("[role=combobox]");
            const chosen = box?.querySelector("[role=textbox]");
            if (!label || !chosen || chosen.getAttribute("aria-labelledby") === label.id) continue;
            box.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
            chosen.setAttribute("aria-labelledby", label.id);
        }
        for (const field of document.querySelectorAll("input[placeholder]:not([aria-label])")) {
            if (!field.labels?.length) field.setAttribute("aria-label", field.placeholder);
        }
    };

    // The box is drawn when the page is there, and again when its form is sent for anew.
    new MutationObserver(name).observe(document.documentElement, { childList: true, subtree: true });
    window.addEventListener("load", () => {
        name();
        window.django?.jQuery?.(document).on("select2:open", (event) => {
            const search = document.querySelector(".select2-container--open .select2-search__field");
            const label = labelOf(event.target);
            if (search && label) search.setAttribute("aria-labelledby", label.id);
        });
    });
})();
