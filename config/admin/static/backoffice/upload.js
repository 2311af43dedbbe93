// The theme writes the name of a chosen file into a box of its own, which this page does without.
"use strict";

for (const input of document.querySelectorAll("input.file-drop")) input.hasChangeListener = true;
