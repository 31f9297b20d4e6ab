// Starts ReDoc on the document of this server.
import { init } from "/assets/vendor/redoc/redoc.standalone.js";

init("/openapi.json", { scrollYOffset: 0 }, document.getElementById("redoc"));
