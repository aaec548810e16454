/** Setup steps at the upstream of a connection, with our exact addresses. */
import type { Setup, SetupStep, SetupValue } from '../../provider/provider.ts'
import { type RegisteredAddress, withVendorNames } from './registered-urls.ts'

export interface SetupInstructions {
  /** The person who can follow them; undefined for a plugin that does not say. */
  readonly needs: string | undefined
  readonly steps: readonly { readonly text: string; readonly values: readonly SetupValue[] }[]
  /** Addresses that no step mentions. */
  readonly others: readonly SetupValue[]
  readonly sendBack: readonly string[]
  /** Starts a sign-in. */
  readonly start: string | undefined
}

/** Steps about an address that the connection does not have are left out. */
export function instructionsOf(setup: Setup | undefined, addresses: readonly RegisteredAddress[]): SetupInstructions {
  const known = new Map(withVendorNames(addresses, setup?.names).map((each) => [each.name, each]))
  const steps = (setup?.steps ?? [anyStep]).filter(({ address }) => address === undefined || known.has(address))
  const shown = new Set(steps.flatMap(({ address }) => (address && known.get(address)?.url) ?? []))
  const start = known.get('start')?.url
  return {
    needs: setup?.needs,
    steps: steps.map(({ text, address, values = [] }) => ({
      text,
      values: [...valuesOf(address && known.get(address)), ...values],
    })),
    others: [...known.values()].filter(({ url }) => url !== start && !shown.has(url)).flatMap(valuesOf),
    sendBack: setup?.sendBack ?? ['What the identity provider shows for the application: usually client ID and secret'],
    start,
  }
}

const anyStep: SetupStep = {
  text: 'Register an application for Gatehouse and enter this address exactly.',
  address: 'callback',
}

const valuesOf = (address: RegisteredAddress | undefined): readonly SetupValue[] =>
  address === undefined ? [] : [{ name: address.label, value: address.url }]
