/** The overview as JSON. */
import type { DeploymentFacts, SignInFacts } from '../../../../broker/deployment/facts.ts'
import type { Overview } from '../../../../broker/deployment/overview.ts'
import type { QueueSize } from '../../../../broker/ports/durable.ts'
import type { SignInCount } from '../../../../broker/ports/sign-ins.ts'
import { isoTime } from '../../../../http/iso-time.ts'

const timeOf = (time: Date | undefined) => (time === undefined ? undefined : isoTime(time))

export function overviewView({ at, problems, connections, signIns, deployment }: Overview) {
  return {
    at: isoTime(at),
    problems: problems.map((problem) => ({ ...problem, since: timeOf(problem.since) })),
    connections,
    signIns: signIns && signInsView(signIns),
    deployment: deployment && deploymentView(deployment),
  }
}

function signInsView({ lastHour, lastDay }: SignInFacts) {
  const view = ({ startsAt, signedIn, refused }: SignInCount) => ({ startsAt: isoTime(startsAt), signedIn, refused })
  return { lastHour: lastHour.map(view), lastDay: lastDay.map(view) }
}

function deploymentView(facts: DeploymentFacts) {
  const { version, startedAt, configuration, stores, processes, queues, signingKeys } = facts
  return {
    version,
    startedAt: isoTime(startedAt),
    configuration: { ...configuration, loadedAt: isoTime(configuration.loadedAt) },
    stores: stores.map(({ kind, latencyMs, outage, figures }) => ({
      kind,
      latencyMs,
      outage: outage && { ...outage, since: isoTime(outage.since) },
      ...figures,
    })),
    processes: processes?.map(({ clockDifferences, ...each }) => ({
      ...each,
      startedAt: isoTime(each.startedAt),
      seenAt: isoTime(each.seenAt),
      clockDifferences: clockDifferences ?? [],
    })),
    queues: { mail: queueView(queues.mail), logouts: queueView(queues.logouts) },
    signingKeys: signingKeys?.map((key) => ({
      ...key,
      createdAt: isoTime(key.createdAt),
      activatedAt: timeOf(key.activatedAt),
      changesAt: timeOf(key.changesAt),
    })),
  }
}

function queueView(size: QueueSize | undefined) {
  return size && { messages: size.messages, due: size.due, oldestDueAt: timeOf(size.oldestDueAt) }
}
