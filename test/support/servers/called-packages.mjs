/**
 * Preloaded into a Gatehouse process. Answers each request with the number of functions of each
 * package that were called since the request before.
 */
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })

createServer(async (_, response) => {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const called = {}
  for (const { url, functions } of result) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
    // the code of a module itself runs by being loaded
    const own = functions.filter(({ functionName, ranges: [{ count, startOffset }] }) => {
      return count > 0 && !(functionName === '' && startOffset === 0)
    })
    if (name !== undefined && own.length > 0) called[name] = (called[name] ?? 0) + own.length
  }
  response.end(JSON.stringify(called))
})
  .listen(Number(process.env.CALLED_PACKAGES_PORT), '127.0.0.1')
  .unref()
