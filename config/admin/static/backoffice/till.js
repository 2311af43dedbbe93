"use strict";

// Adds up what is ticked at the till, before anything is recorded.
(() => {
    const total = document.getElementById("till-total");
    if (!total) return;
    const nothing = total.textContent;
    const boxes = [...document.querySelectorAll(".till-item input")];

    function show(amount, currency) {
        const style = { style: "currency", currency };
        const format = new Intl.NumberFormat(document.documentElement.lang || "en-GB", style);
        return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
    }

    function addUp() {
        const sums = {};
        for (const box of boxes.filter((one) => one.checked)) {
            const { amount, currency } = box.dataset;
            sums[currency] = (sums[currency] || 0) + Number(amount);
        }
        const texts = Object.entries(sums).map(([currency, amount]) => show(amount, currency));
        const sum = texts.join(" + ") || nothing;
        total.textContent = texts.length > 1 ? `${sum}. ${total.dataset.mixed}` : sum;
    }

    boxes.forEach((box) => box.addEventListener("change", addUp));
    addUp();
})();
