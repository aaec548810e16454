/** The providers of the demo tenant, in the order of their buttons. */
import { apple } from '../providers/apple/apple.ts'
import { epam } from '../providers/epam/epam.ts'
import { google } from '../providers/google/google.ts'
import { linkedin } from '../providers/linkedin/linkedin.ts'
import { okta } from '../providers/okta/okta.ts'
import { password } from '../providers/password/password.ts'
import type { Provider } from '../src/provider/provider.ts'

export const brands: readonly Provider[] = [okta, google, linkedin, apple, epam, password]
