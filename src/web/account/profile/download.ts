/** `/account/data`: everything that is stored about the user, as a file. */
import { exportData } from '../../../broker/identity/account/export-data.ts'
import { sendDownload } from '../../../http/respond.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'

type DataPorts = OpenAccountPorts & PartsOf<typeof exportData>

export async function downloadData(call: Call<DataPorts>): Promise<void> {
  const account = await openAccount(call, '/account')
  if (account === null) return
  const { tenant } = account.session
  const data = await exportData(call.shell.parts, account.session)
  const content = (async function* () {
    yield `${JSON.stringify(data, null, 2)}\n`
  })()
  const type = 'application/json; charset=utf-8'
  await sendDownload(call.response, { filename: `${tenant}-account.json`, type, content })
}
