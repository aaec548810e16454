/** A durable store whose code is loaded later: who asks it for something before that waits. */
import type { DurableStore } from '../../broker/ports/stores.ts'

export type DurableParts = Omit<DurableStore, 'ping' | 'close'>

export function lazyStore(load: () => Promise<DurableParts>): DurableParts {
  const from =
    <A extends readonly unknown[], R>(choose: (parts: DurableParts) => (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> =>
      choose(await load())(...given)
  return {
    users: {
      find: from(({ users }) => users.find),
      findByIdentity: from(({ users }) => users.findByIdentity),
      findById: from(({ users }) => users.findById),
      setStatus: from(({ users }) => users.setStatus),
      revoke: from(({ users }) => users.revoke),
      reinstate: from(({ users }) => users.reinstate),
      suspend: from(({ users }) => users.suspend),
      confirm: from(({ users }) => users.confirm),
      nextEpoch: from(({ users }) => users.nextEpoch),
      findByProvenEmail: from(({ users }) => users.findByProvenEmail),
      findByVerifiedEmail: from(({ users }) => users.findByVerifiedEmail),
      identitiesOf: from(({ users }) => users.identitiesOf),
      create: from(({ users }) => users.create),
      link: from(({ users }) => users.link),
      unlink: from(({ users }) => users.unlink),
      unlinkedBy: from(({ users }) => users.unlinkedBy),
      hasUnlinked: from(({ users }) => users.hasUnlinked),
      update: from(({ users }) => users.update),
    },
    domainChecks: {
      all: from(({ domainChecks }) => domainChecks.all),
      put: from(({ domainChecks }) => domainChecks.put),
    },
    trustedMetadata: {
      ofTenant: from(({ trustedMetadata }) => trustedMetadata.ofTenant),
      replace: from(({ trustedMetadata }) => trustedMetadata.replace),
    },
    passwords: {
      find: from(({ passwords }) => passwords.find),
      changedAt: from(({ passwords }) => passwords.changedAt),
      put: from(({ passwords }) => passwords.put),
      rehash: from(({ passwords }) => passwords.rehash),
      remove: from(({ passwords }) => passwords.remove),
    },
    traces: {
      put: from(({ traces }) => traces.put),
      putAll: from(({ traces }) => traces.putAll),
      find: from(({ traces }) => traces.find),
      recent: from(({ traces }) => traces.recent),
      forgetBefore: from(({ traces }) => traces.forgetBefore),
    },
    audit: {
      add: from(({ audit }) => audit.add),
      recent: from(({ audit }) => audit.recent),
    },
    outbox: {
      add: from(({ outbox }) => outbox.add),
      claim: from(({ outbox }) => outbox.claim),
      sent: from(({ outbox }) => outbox.sent),
      retry: from(({ outbox }) => outbox.retry),
    },
    apps: {
      find: from(({ apps }) => apps.find),
      findBySecret: from(({ apps }) => apps.findBySecret),
      all: from(({ apps }) => apps.all),
      ownedBy: from(({ apps }) => apps.ownedBy),
      create: from(({ apps }) => apps.create),
      update: from(({ apps }) => apps.update),
      remove: from(({ apps }) => apps.remove),
      recordUse: from(({ apps }) => apps.recordUse),
      usesOf: from(({ apps }) => apps.usesOf),
    },
    consents: {
      find: from(({ consents }) => consents.find),
      ofUser: from(({ consents }) => consents.ofUser),
      give: from(({ consents }) => consents.give),
      withdraw: from(({ consents }) => consents.withdraw),
      forgetApp: from(({ consents }) => consents.forgetApp),
    },
    signingKeys: {
      all: from(({ signingKeys }) => signingKeys.all),
      replace: from(({ signingKeys }) => signingKeys.replace),
    },
    logouts: {
      add: from(({ logouts }) => logouts.add),
      claim: from(({ logouts }) => logouts.claim),
      sent: from(({ logouts }) => logouts.sent),
      retry: from(({ logouts }) => logouts.retry),
      release: from(({ logouts }) => logouts.release),
    },
  }
}
