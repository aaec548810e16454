/** The registry of providers. */
import type { Provider } from '../src/provider/provider.ts'
import { apple } from './apple/apple.ts'
import { email } from './email/email.ts'
import { entra } from './entra/entra.ts'
import { epam } from './epam/epam.ts'
import { github } from './github/github.ts'
import { gitlab } from './gitlab/gitlab.ts'
import { google } from './google/google.ts'
import { linkedin } from './linkedin/linkedin.ts'
import { oidc } from './oidc/generic.ts'
import { okta } from './okta/okta.ts'
import { password } from './password/password.ts'
import { saml } from './saml/saml.ts'

export const providers: readonly Provider[] = [
  okta,
  entra,
  google,
  linkedin,
  apple,
  github,
  gitlab,
  epam,
  saml,
  oidc,
  password,
  email,
]
