/** The providers of all versions. */
import { ofEach, type Versions } from './versions.ts'

/** The baseline, then the provider of each version. */
export async function startAllProviders(versions: Versions) {
  const started = await ofEach(versions, async ({ name, providers, storage }) => {
    const each = await providers.startProviders(storage)
    return { ...each, gatehouse: { ...each.gatehouse, name } }
  })
  const [{ bare, loader }] = started
  const stopAll = async () => void (await Promise.all(started.map((each) => each.stop())))
  return { providers: [bare, ...started.map(({ gatehouse }) => gatehouse)], loader, stop: stopAll }
}
