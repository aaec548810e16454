import { describeRefresh } from '../../support/oidc/refresh-suite.ts'
import { startProviderServer } from '../../support/oidc/relying-parties.ts'

describeRefresh('the embedded file', async () => ({ houses: [await startProviderServer()] }))
