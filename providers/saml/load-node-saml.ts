/** Loads @node-saml at first use, since that takes 100 ms. */
export const loadNodeSaml = () => import('./node-saml.ts')
