import fc from 'fast-check';

/*
 * Set-up of every test file: generated cases are the same at each run, so that a failure is of the change and not of the
 * day. FAST_CHECK_SEED=random looks for new cases, FAST_CHECK_SEED=n repeats a run.
 */
const wished = process.env['FAST_CHECK_SEED'];
const seed = wished === undefined ? 20_261_123 : Number(wished);
if (!Number.isNaN(seed)) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
