/** Durations: `60s`, `15m`, `12h`, `30d`. */
export { duration } from '../../provider/options.ts'
