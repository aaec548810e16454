/**
 * The health check of the container: requests /healthz and exits with 0 when it is healthy.
 * It runs every few seconds, so it imports little.
 */
import { join } from 'node:path'
import { deploymentSchema } from '../config/deployment/deployment.ts'
import { parseSilently } from '../config/schema/parse.ts'
import { withEnvFile } from '../config/source/env-file.ts'
import { maxDeploymentBytes, readSource } from '../config/source/files.ts'
import { isMap } from '../config/source/source.ts'

const timeoutMs = 2500

async function isHealthy(folder: string): Promise<boolean> {
  const environment = withEnvFile(folder, process.env)
  const source = readSource(join(folder, 'gatehouse.yaml'), { environment }, maxDeploymentBytes)
  if (!isMap(source.value)) return false // another process may listen at the default address
  const listen = parseSilently(deploymentSchema.shape.listen, source, ['listen'], source.value['listen'])
  if (listen === undefined) return false
  const response = await fetch(`http://${hostOf(listen.host)}:${listen.port}/healthz`, {
    signal: AbortSignal.timeout(timeoutMs),
  })
  return response.ok
}

/** A process that listens on every address answers at loopback. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

process.exitCode = (await isHealthy(process.argv[2] ?? 'config').catch(() => false)) ? 0 : 1
