// Starts ReDoc on the document of this server. It reports to nobody; the page's policy would refuse that too.
import { init } from "/assets/vendor/redoc/redoc.standalone.js";

init("/openapi.json", { disableTelemetry: true }, document.getElementById("redoc"));
