// Looks whether something came of a message that is on its way, and then shows its page anew.
(() => {
    "use strict";
    const EVERY = 1500;
    const AT_MOST = 40;
    // How often it was tried so far, nothing where no attempt is near.
    const triedOn = (page) => page.querySelector("[data-sent-soon]")?.dataset.sentSoon ?? "";

    const begin = () => {
        // On its own page alone: a list would change under the eyes.
        const tried = triedOn(document);
        if (!document.querySelector(".sent-body") || !tried) {
            return;
        }
        let looked = 0;
        const look = async () => {
            looked += 1;
            try {
                const answer = await fetch(window.location.href, {
                    headers: { "X-Watching": "1" },
                });
                const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                if (answer.ok && triedOn(page) !== tried) {
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
