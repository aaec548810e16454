/**
 * EPAM SSO by SAML. Attribute names are those of its directory before the usual ones; its groups come under `memberOf`. A deployment
 * that speaks OpenID Connect to EPAM SSO uses the kind `oidc` instead.
 */
import type { Provider } from '../../src/provider/provider.ts'
import { samlProvider } from '../saml/saml.ts'

export const epam: Provider = samlProvider({
  kind: 'epam',
  brand: { name: 'EPAM SSO', logo: new URL('./logo.svg', import.meta.url) },
  attributes: {
    email: ['email', 'EmailAddress'],
    name: ['fullName', 'displayName'],
    givenName: ['firstName', 'FirstName'],
    familyName: ['lastName', 'LastName'],
    groups: ['memberOf', 'roles'],
  },
})
