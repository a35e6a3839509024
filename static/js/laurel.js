// Everything that scripts add to pages; each module finds its elements by data- attributes, also after a swap.
import { watchChoices } from "./choose.js";
import { watchCopies } from "./copy.js";
import { watchDrops } from "./drop.js";
import { watchHolds } from "./hold.js";
import { watchKeys } from "./keys.js";
import { watchLive } from "./live.js";
import { watchPalette } from "./palette.js";
import { watchSheets } from "./sheet.js";

watchChoices();
watchCopies();
watchDrops();
watchHolds();
watchKeys();
watchLive();
watchPalette();
watchSheets();

// Buttons that only those without scripts need.
for (const needless of document.querySelectorAll("[data-needless]")) needless.hidden = true;
document.addEventListener("htmx:afterSwap", (event) => {
  for (const needless of event.target.querySelectorAll("[data-needless]")) needless.hidden = true;
});
