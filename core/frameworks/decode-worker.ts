import { serveJobs } from '../codec/worker/serve-jobs.ts';
import { LAYERS } from './layers.ts';

/** Entry of the thread that decodes for the engine. */
serveJobs(LAYERS);
