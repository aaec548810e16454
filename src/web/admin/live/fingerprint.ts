/** Short texts, one of which differs once an admin page would show something else. */
import { connectionProblems, expiryProblems } from '../../../broker/deployment/connection-problems.ts'
import type { DeploymentFacts } from '../../../broker/deployment/facts.ts'
import { countsOf, deploymentProblems } from '../../../broker/deployment/overview.ts'
import type { Problem } from '../../../broker/deployment/problem.ts'
import type { Shell } from '../../shell.ts'
import type { Fingerprint, LiveScope } from './scope.ts'

type Ports = Pick<Shell, 'deploymentFacts' | 'tenantFacts'> & {
  readonly parts: {
    readonly audit: Pick<Shell['parts']['audit'], 'recent'>
    readonly traces: Pick<Shell['parts']['traces'], 'search'>
  }
}

export function fingerprintOf({ parts, tenantFacts, ...ports }: Ports) {
  const deploymentFacts = shared(ports.deploymentFacts)
  return async ({ tenant, seesDeployment }: LiveScope): Promise<Fingerprint> => {
    const latest = { ...(tenant !== undefined && { tenant }), limit: 1 }
    const [deployment, { connections, expiries, ...rest }, traces, events] = await Promise.all([
      deploymentFacts(),
      tenantFacts(tenant),
      parts.traces.search(latest).catch(() => undefined),
      parts.audit.recent(latest).catch(() => undefined),
    ])
    const problems = deploymentProblems(deployment, seesDeployment)
    const list = connections?.knowsSignIns ? connections : undefined
    return [
      textOf(problems.filter(({ severity }) => severity === 'down')),
      isComplete(deployment) ? textOf(problems) : undefined,
      list && textOf(connectionProblems(list, seesDeployment)),
      list && JSON.stringify(countsOf({ ...rest, expiries, connections: list })),
      expiries && textOf(expiryProblems({ expiries, connections }, deployment.at, seesDeployment)),
      traces && JSON.stringify(traces.map(({ reference, outcome }) => [reference, outcome])),
      events && JSON.stringify(events.map(({ id }) => id)),
    ]
  }
}

const textOf = (problems: readonly Problem[]) =>
  JSON.stringify(problems.map(({ id, severity, title }) => [id, severity, title]))

const isComplete = ({ processes, queues, signingKeys }: DeploymentFacts) =>
  ![processes, queues.mail, queues.logouts, signingKeys].includes(undefined)

/** Callers at the same time share one read: a tick asks once for each scope. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined
  return () => {
    current ??= read().finally(() => {
      current = undefined
    })
    return current
  }
}
