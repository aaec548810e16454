import { startProviderServer } from '../../support/oidc/parties.ts'
import { describeRefresh } from '../../support/oidc/refresh-suite.ts'

describeRefresh('the embedded file', async () => ({ houses: [await startProviderServer()] }))
