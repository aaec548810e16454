/** The providers of the demo tenant, in the order of their buttons. */
import { apple } from '../providers/apple/apple.ts'
import { entra } from '../providers/entra/entra.ts'
import { epam } from '../providers/epam/epam.ts'
import { github } from '../providers/github/github.ts'
import { gitlab } from '../providers/gitlab/gitlab.ts'
import { google } from '../providers/google/google.ts'
import { linkedin } from '../providers/linkedin/linkedin.ts'
import { okta } from '../providers/okta/okta.ts'
import { password } from '../providers/password/password.ts'
import type { Provider } from '../src/provider/provider.ts'

export const brands: readonly Provider[] = [okta, google, entra, apple, github, gitlab, linkedin, epam, password]
