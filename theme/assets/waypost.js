// Progressive enhancement: every page reads without it.
import { enhanceCopying } from "./copy.js";
import { enhanceSearch } from "./search.js";

enhanceCopying(document);
enhanceSearch(document);
