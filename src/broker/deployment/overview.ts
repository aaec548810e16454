/** The state of the deployment and its tenants as an administrator may see it. Pure. */
import { isFaulty } from '../health/connection-state.ts'
import { connectionProblems, expiryProblems } from './connection-problems.ts'
import type { DeploymentFacts, SignInFacts, TenantFacts } from './facts.ts'
import { byUrgency, type Problem } from './problem.ts'
import { overallStatus } from './status.ts'

export interface Overview {
  readonly at: Date
  /** Worst first. Empty: all is healthy. */
  readonly problems: readonly Problem[]
  /** Undefined: not available right now. */
  readonly connections: ConnectionCounts | undefined
  readonly signIns: SignInFacts | undefined
  /** Undefined for an administrator of one tenant. */
  readonly deployment: DeploymentFacts | undefined
}

export interface ConnectionCounts {
  readonly all: number
  readonly failing: number
  readonly neverUsed: number
}

export interface OverviewFacts {
  readonly deployment: DeploymentFacts
  readonly ofTenant: TenantFacts
  /** Whether they may read the state of the deployment. */
  readonly seesDeployment: boolean
}

export function overviewOf({ deployment, ofTenant, seesDeployment }: OverviewFacts): Overview {
  return {
    at: deployment.at,
    problems: [
      ...deploymentProblems(deployment, seesDeployment),
      ...connectionProblems(ofTenant.connections, seesDeployment),
      ...expiryProblems(ofTenant, deployment.at, seesDeployment),
    ].toSorted(byUrgency),
    connections: countsOf(ofTenant),
    signIns: ofTenant.signIns,
    deployment: seesDeployment ? deployment : undefined,
  }
}

/** Problems of the deployment: all for operators, outages alone for admins. */
export function deploymentProblems(deployment: DeploymentFacts, seesDeployment: boolean): readonly Problem[] {
  const found = overallStatus(deployment)
  return seesDeployment ? found : found.filter(isOutage).map(withoutPlace)
}

export function countsOf({ connections: list }: TenantFacts): ConnectionCounts | undefined {
  if (list === undefined) return undefined
  const states = list.connections.map(({ state }) => state)
  const neverUsed = states.filter((state) => state === 'never used').length
  return { all: states.length, failing: states.filter(isFaulty).length, neverUsed }
}

/** Sign-ins of their tenant fail too. */
const isOutage = ({ severity }: Problem) => severity === 'down'

/** A tenant admin cannot use host names of the deployment. */
function withoutPlace(problem: Problem): Problem {
  return { ...problem, fix: 'Sign-ins fail until the operator of this deployment has corrected it.' }
}
