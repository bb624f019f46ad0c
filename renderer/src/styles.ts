/*
 * Every style sheet, in the order of the cascade: tokens and base first, then a sheet beside each feature.
 */
import './styles/tokens.css';
import './styles/base.css';
import './styles/overlays.css';
import './styles/shell.css';
import './features/sessions/sessions.css';
import './features/flows/flow-rows.css';
import './features/home/home.css';
import './app/inspector/inspector.css';
import './parts/value/value.css';
import './features/cookie/cookie.css';
import './features/timeline/timeline.css';
import './features/flows/flows.css';
import './parts/raw/raw.css';
import './features/lab/ask.css';
import './features/stores/stores.css';
import './features/proxy/proxy.css';
import './features/values/values.css';
import './features/lab/lab.css';
