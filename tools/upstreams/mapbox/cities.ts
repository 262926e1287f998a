/** A place of the stand-in's small world; `place` or `region` is null where Mapbox has no such level. */
export type City = {
  readonly latitude: number;
  readonly longitude: number;
  readonly place: string | null;
  readonly region: { readonly name: string; readonly code: string } | null;
  readonly country: { readonly name: string; readonly code: string; readonly alpha3: string };
};

const UNITED_STATES = { name: 'United States', code: 'US', alpha3: 'USA' };

/** The only inhabited parts of the stand-in's world; everywhere else is open sea to it. */
export const CITIES: readonly City[] = [
  {
    latitude: 40.712749,
    longitude: -74.005994,
    place: 'New York',
    region: { name: 'New York', code: 'NY' },
    country: UNITED_STATES,
  },
  {
    latitude: 39.739236,
    longitude: -104.984862,
    place: 'Denver',
    region: { name: 'Colorado', code: 'CO' },
    country: UNITED_STATES,
  },
  {
    latitude: 51.507446,
    longitude: -0.127765,
    place: 'London',
    region: { name: 'England', code: 'ENG' },
    country: { name: 'United Kingdom', code: 'GB', alpha3: 'GBR' },
  },
  {
    latitude: 48.856697,
    longitude: 2.351462,
    place: 'Paris',
    region: { name: 'Île-de-France', code: 'IDF' },
    country: { name: 'France', code: 'FR', alpha3: 'FRA' },
  },
  {
    latitude: 43.738374,
    longitude: 7.424517,
    place: 'Monaco',
    region: null,
    country: { name: 'Monaco', code: 'MC', alpha3: 'MCO' },
  },
  {
    latitude: 64.145981,
    longitude: -21.942237,
    place: 'Reykjavík',
    region: { name: 'Capital Region', code: '1' },
    country: { name: 'Iceland', code: 'IS', alpha3: 'ISL' },
  },
  {
    latitude: 78.223172,
    longitude: 15.646366,
    place: 'Longyearbyen',
    region: { name: 'Svalbard', code: '21' },
    country: { name: 'Norway', code: 'NO', alpha3: 'NOR' },
  },
  {
    latitude: -1.283253,
    longitude: 36.817245,
    place: 'Nairobi',
    region: { name: 'Nairobi County', code: '30' },
    country: { name: 'Kenya', code: 'KE', alpha3: 'KEN' },
  },
  {
    latitude: 35.681236,
    longitude: 139.767125,
    place: 'Tokyo',
    region: { name: 'Tokyo Prefecture', code: '13' },
    country: { name: 'Japan', code: 'JP', alpha3: 'JPN' },
  },
  {
    latitude: 1.290475,
    longitude: 103.852036,
    place: 'Singapore',
    region: null,
    country: { name: 'Singapore', code: 'SG', alpha3: 'SGP' },
  },
  {
    latitude: -33.869844,
    longitude: 151.208285,
    place: 'Sydney',
    region: { name: 'New South Wales', code: 'NSW' },
    country: { name: 'Australia', code: 'AU', alpha3: 'AUS' },
  },
  {
    latitude: -23.550651,
    longitude: -46.633382,
    place: 'São Paulo',
    region: { name: 'São Paulo', code: 'SP' },
    country: { name: 'Brazil', code: 'BR', alpha3: 'BRA' },
  },
  {
    latitude: -77.846323,
    longitude: 166.668235,
    place: null,
    region: null,
    country: { name: 'Antarctica', code: 'AQ', alpha3: 'ATA' },
  },
];
