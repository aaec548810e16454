import { startProviderHouse } from './parties.ts'
import { describeRefresh } from './refresh-suite.ts'

describeRefresh('the embedded file', async () => ({ houses: [await startProviderHouse()] }))
