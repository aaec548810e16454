/** The card above a list, and the fields of its form. */
import type { ComponentChildren } from 'preact'
import { QuietButton } from '../../pages/parts.tsx'

export const FilterCard = ({ children }: { readonly children: ComponentChildren }) => (
  <section class="card" aria-labelledby="filter">
    <h2 id="filter">Filter</h2>
    {children}
  </section>
)

export const SearchButton = () => <QuietButton label="Search" />

interface FilterProps {
  readonly name: string
  readonly label: string
  readonly value: string | undefined
  /** Fault of the value. */
  readonly fault?: string | undefined
}

export const TextFilter = ({ name, label, value, fault }: FilterProps) => (
  <div class="field">
    <label for={`filter-${name}`}>{label}</label>
    <input
      id={`filter-${name}`}
      name={name}
      type="search"
      value={value ?? ''}
      autocomplete="off"
      spellcheck={false}
      {...faultAttributes(name, fault)}
    />
    <Fault name={name} fault={fault} />
  </div>
)

interface ChoiceFilterProps extends FilterProps {
  /** Value and label; the one for no value is added. */
  readonly choices: readonly (readonly [string, string])[]
  /** Label of no value. */
  readonly none?: string
}

export const ChoiceFilter = ({ name, label, value, fault, choices, none = 'Any' }: ChoiceFilterProps) => (
  <div class="field">
    <label for={`filter-${name}`}>{label}</label>
    <select id={`filter-${name}`} name={name} {...faultAttributes(name, fault)}>
      {[['', none] as const, ...choices].map(([each, text]) => (
        <option key={each} value={each} selected={each === (value ?? '')}>
          {text}
        </option>
      ))}
    </select>
    <Fault name={name} fault={fault} />
  </div>
)

const faultAttributes = (name: string, fault: string | undefined) =>
  fault === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': `filter-${name}-fault` }

const Fault = ({ name, fault }: Pick<FilterProps, 'name' | 'fault'>) =>
  fault === undefined ? null : (
    <p class="fault" id={`filter-${name}-fault`}>
      {fault}
    </p>
  )
