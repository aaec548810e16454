/**
 * EPAM SSO by SAML. Its directory's attribute names are tried before the usual ones. For EPAM SSO
 * by OpenID Connect, use the kind `oidc`.
 */
import type { Provider } from '../../src/provider/provider.ts'
import { samlProvider } from '../saml/saml.ts'
import { epamBrand, epamSetup } from './setup.ts'

export const epam: Provider = samlProvider({
  kind: 'epam',
  brand: epamBrand,
  setup: epamSetup,
  attributes: {
    email: ['email', 'EmailAddress'],
    name: ['fullName', 'displayName'],
    givenName: ['firstName', 'FirstName'],
    familyName: ['lastName', 'LastName'],
    groups: ['memberOf', 'roles'],
  },
})
