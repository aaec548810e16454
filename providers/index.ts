/** Every kind of gate there is: adding one is a folder and a line. */
import type { Provider } from '../src/provider.ts'
import { okta } from './okta/okta.ts'
import { password } from './password/password.ts'

export const providers: readonly Provider[] = [okta, password]
