/** The search above the list: a GET form, and one for a reference. */
import { errorTable } from '../../../errors.ts'
import { ChoiceFilter, SearchButton, TextFilter } from '../filter-field.tsx'
import { signInsPath } from './paths.ts'
import { outcomes, periods, type SearchFault, type SearchField, type SearchValues } from './search.ts'
import { outcomeLabel } from './trace-sections.tsx'

interface ListedConnection {
  readonly id: string
  readonly label: string
}

export interface SearchFormProps {
  readonly values: SearchValues
  readonly faults: readonly SearchFault[]
  /** Operators choose one. */
  readonly choosesTenant: boolean
  /** Connections of the listed tenant. Undefined for several tenants. */
  readonly connections: readonly ListedConnection[] | undefined
}

const codes = Object.keys(errorTable)
  .toSorted()
  .map((code) => [code, code] as const)
const moreFields = ['app', 'code', 'since', 'until'] as const satisfies SearchField[]
const outcomeChoices = outcomes.map((outcome) => [outcome, outcomeLabel(outcome)] as const)

export function ReferenceForm({ tenant }: { readonly tenant: string | undefined }) {
  return (
    <form class="filters" method="get" action={signInsPath} aria-label="By reference">
      <div class="field">
        <label for="reference">Reference</label>
        <input
          id="reference"
          name="reference"
          type="text"
          placeholder="7KQ2-M9XD"
          autocomplete="off"
          spellcheck={false}
          maxLength={40}
          required
        />
      </div>
      {tenant !== undefined && <input type="hidden" name="tenant" value={tenant} />}
      <button type="submit" class="quiet">
        Open
      </button>
    </form>
  )
}

export function SearchForm({ values, faults, choosesTenant, connections }: SearchFormProps) {
  const field = (name: SearchField) => {
    return { name, value: values[name], fault: faults.find((fault) => fault.field === name)?.message }
  }
  return (
    <form class="filters" method="get" action={signInsPath} aria-label="Sign-ins">
      {choosesTenant && <TextFilter label="Tenant" {...field('tenant')} />}
      {connections === undefined ? (
        <TextFilter label="Connection" {...field('connection')} />
      ) : (
        <ChoiceFilter label="Connection" {...field('connection')} choices={withChosen(connections, values)} />
      )}
      <TextFilter label="Email" {...field('email')} />
      <ChoiceFilter label="Outcome" {...field('outcome')} choices={outcomeChoices} />
      <ChoiceFilter label="Time" {...field('period')} choices={periods} none="From and until below" />
      <details class="more-filters" open={moreFields.some((name) => values[name] !== undefined)}>
        <summary>More filters</summary>
        <div class="filters">
          <TextFilter label="App ID" {...field('app')} />
          <ChoiceFilter label="Error code" {...field('code')} choices={codes} />
          <TextFilter label="From (UTC)" {...field('since')} />
          <TextFilter label="Until (UTC)" {...field('until')} />
        </div>
      </details>
      <Kept values={{ user: values.user, cause: values.cause }} />
      <SearchButton />
    </form>
  )
}

/** A connection that is gone may still have sign-ins. */
function withChosen(connections: readonly ListedConnection[], { connection: chosen }: SearchValues) {
  const listed = connections.map(({ id, label }) => [id, label] as const)
  const isListed = chosen === undefined || connections.some(({ id }) => id === chosen)
  return isListed ? listed : [...listed, [chosen, chosen] as const]
}

/** Filters without a field: a new search keeps them, a link removes them. */
const Kept = ({ values }: { readonly values: SearchValues }) => (
  <>
    {Object.entries(values).map(
      ([name, value]) => value !== undefined && <input key={name} type="hidden" name={name} value={value} />,
    )}
  </>
)
