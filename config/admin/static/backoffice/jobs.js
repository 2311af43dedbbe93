// Follows background work on its page: the bar moves, tens of percent are spoken, the end is shown.
(() => {
    "use strict";
    const EVERY = 1000;
    const AFTER_A_MISS = 5000;

    const begin = () => {
        const box = document.querySelector("[data-job-progress]");
        if (!box) {
            return;
        }
        const bar = box.querySelector("progress");
        const sentence = box.querySelector("[data-job-sentence]");
        const spoken = box.querySelector("[data-job-spoken]");
        let lastSpoken = "";

        const speak = (text) => {
            if (text !== lastSpoken) {
                lastSpoken = text;
                spoken.textContent = text;
            }
        };

        const show = (job) => {
            sentence.textContent = job.sentence;
            if (job.percent === null) {
                bar.removeAttribute("value");
                speak(job.state === "running" ? "" : job.sentence);
            } else {
                bar.value = job.percent;
                speak(`${Math.floor(job.percent / 10) * 10} %`);
            }
        };

        const look = async () => {
            let pause = EVERY;
            try {
                const answer = await fetch(box.dataset.jobProgress, {
                    // To look is no work: a session that nobody uses ends all the same.
                    headers: { Accept: "application/json", "X-Watching": "1" },
                    redirect: "manual",
                });
                if (answer.type === "opaqueredirect") {
                    // It has ended: the page itself leads to signing in, and back.
                    window.location.reload();
                    return;
                }
                if (!answer.ok) {
                    throw new Error(answer.statusText);
                }
                const job = await answer.json();
                if (job.over) {
                    window.location.reload();
                    return;
                }
                show(job);
            } catch {
                pause = AFTER_A_MISS;
            }
            window.setTimeout(look, document.hidden ? AFTER_A_MISS : pause);
        };

        window.setTimeout(look, EVERY);
    };

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", begin);
    } else {
        begin();
    }
})();
