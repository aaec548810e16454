/** Every kind of gate there is: adding one is a folder and a line. */
import type { Provider } from '../src/provider.ts'
import { epam } from './epam/epam.ts'
import { oidc } from './oidc/generic.ts'
import { okta } from './okta/okta.ts'
import { password } from './password/password.ts'
import { saml } from './saml/saml.ts'

export const providers: readonly Provider[] = [okta, epam, saml, oidc, password]
