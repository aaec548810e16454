/** Loads @node-saml at first use, since that takes 100 ms. */
import { lazy } from '../../src/primitives/lazy.ts'

export const loadNodeSaml = lazy(() => import('./node-saml.ts'))
