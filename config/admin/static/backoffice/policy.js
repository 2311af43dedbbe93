"use strict";

// The policy of our pages lets in no element of style without a nonce, and htmx would write one.
// What that element says of indicators stands in colors.css. Of htmx, no page needs `eval`.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
