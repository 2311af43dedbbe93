// Select2 draws a box of its own over a select and leaves out the label, so that a screen reader
// would call it nothing. The search field that it opens has no name either.
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
            if (!label || !chosen) continue;
            box.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
            chosen.setAttribute("aria-labelledby", label.id);
        }
    };

    window.addEventListener("load", () => {
        name();
        window.django?.jQuery?.(document).on("select2:open", (event) => {
            const search = document.querySelector(".select2-container--open .select2-search__field");
            const label = labelOf(event.target);
            if (search && label) search.setAttribute("aria-labelledby", label.id);
        });
    });
    document.addEventListener("htmx:afterSettle", name);
})();
