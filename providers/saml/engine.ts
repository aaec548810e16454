/** Loads @node-saml at first use: it takes 100 ms. */
import { lazy } from '../../src/primitives/lazy.ts'

export const engine = lazy(() => import('./node-saml.ts'))
