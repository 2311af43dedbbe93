"use strict";

(() => {
    const list = document.getElementById("recovery-codes");
    if (!list) return;

    document.getElementById("print-codes").addEventListener("click", () => window.print());
    document.getElementById("download-codes").addEventListener("click", () => {
        const codes = [...list.children].map((one) => one.textContent);
        const text = [list.dataset.heading, "", ...codes, ""].join("\r\n");
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
        link.download = "recovery-codes.txt";
        link.click();
        URL.revokeObjectURL(link.href);
    });
})();
