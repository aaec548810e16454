/** The faults of an emulated upstream as its page lists them. */
import { responseFaults, signInEndpoints } from './faults.ts'
import type { FaultGroup, ListedFault } from './pages.ts'

const network = Object.keys(responseFaults)

/** Groups by subject. Faults in none of them are listed under Answers. */
const concerns = {
  'Signatures and encryption': [
    ...['unsigned', 'signedResponse', 'signedBoth', 'encrypted', 'encryptedCbc', 'foreignKey', 'sha1', 'changed'],
    ...['comment', 'doctype', 'twoAssertions', 'forgedSignature', 'strippedSignature', 'algNone', 'algHS256'],
  ],
  'Issuer, recipient and time': [
    ...['wrongIssuer', 'wrongAudience', 'wrongRecipient', 'wrongDestination', 'wrongRequest', 'unsolicited'],
    ...['wrongNonce', 'noNonce', 'foreignAzp', 'otherIssuer', 'otherEntity', 'otherSpelling'],
    ...['expired', 'clockAhead', 'clockBehind'],
  ],
  User: [
    ...['noSub', 'transient', 'noEmail', 'emailVerified', 'emailVerifiedText', 'hiddenEmail', 'localeText', 'user'],
    ...['noGroups', 'manyGroups', 'noOrganizations', 'manyOrganizations', 'noHostedDomain', 'garbageUser'],
    ...['thinIdToken', 'fullIdToken', 'otherUserinfo', 'otherUserRefreshed'],
  ],
} as const satisfies Record<string, readonly string[]>

/** @param faultTable descriptions by name @param endpoints those whose responses can have faults */
export function faultGroups(
  faultTable: Readonly<Record<string, string>>,
  endpoints: readonly string[],
): readonly FaultGroup[] {
  const spared = endpoints.filter((name) => signInEndpoints.includes(name))
  const asks = (name: string): ListedFault['value'] => {
    if (name === 'slow') return { kind: 'milliseconds' }
    return network.includes(name) ? { kind: 'endpoint', names: endpoints, spared } : undefined
  }
  const faults = Object.entries(faultTable)
    .filter(([, description]) => !description.includes('from programs'))
    .map(([name, description]) => ({ name, description, value: asks(name) }))
  const known: readonly string[] = [network, ...Object.values(concerns)].flat()
  const answers = faults.map(({ name }) => name).filter((name) => !known.includes(name))
  return Object.entries({ Network: network, Answers: answers, ...concerns })
    .map(([title, names]) => ({ title, faults: faults.filter(({ name }) => names.some((each) => each === name)) }))
    .filter((group) => group.faults.length > 0)
}
