// Looks whether a message that is on its way has arrived, and then shows the page anew.
(() => {
    "use strict";
    const EVERY = 1500;
    const AT_MOST = 40;
    const MARK = '[data-sent-soon="yes"]';

    const begin = () => {
        // On its own page alone: a list would change under the eyes.
        if (!document.querySelector(".sent-body") || !document.querySelector(MARK)) {
            return;
        }
        let looked = 0;
        const look = async () => {
            looked += 1;
            try {
                const answer = await fetch(window.location.href, { credentials: "same-origin" });
                const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                if (answer.ok && !page.querySelector(MARK)) {
                    window.location.reload();
                    return;
                }
            } catch {
                // The next look may find it.
            }
            if (looked < AT_MOST) {
                window.setTimeout(look, EVERY);
            }
        };
        window.setTimeout(look, EVERY);
    };

    document.addEventListener("DOMContentLoaded", begin);
})();
