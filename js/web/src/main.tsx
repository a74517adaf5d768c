import { createRoot } from "react-dom/client";

const place = document.getElementById("page");
if (place !== null) createRoot(place).render(<p>Shipanion</p>);
