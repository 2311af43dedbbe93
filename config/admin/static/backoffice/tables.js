// A table that is wider than the screen becomes a list of cards (tables.css); each value then needs
// the heading of its column beside it.
"use strict";

(() => {
    const WIDE = "#result_list, .home-table, .job-table, .overflow-x-auto > table";

    // A heading that sorts holds icons besides its words.
    const words = (cell) =>
        cell.querySelector(".sr-only, input")
            ? ""
            : (cell.querySelector(".text") ?? cell).textContent.trim();

    const label = () => {
        for (const table of document.querySelectorAll(WIDE)) {
            const headings = [...table.querySelectorAll("thead tr:first-child > *")].map(words);
            if (headings.length < 2) continue;
            table.classList.add("stacks");
            for (const row of table.querySelectorAll("tbody tr")) {
                [...row.children].forEach((cell, place) => {
                    if (cell.colSpan === 1 && headings[place]) cell.dataset.label = headings[place];
                });
            }
        }
    };

    document.addEventListener("DOMContentLoaded", label);
})();
