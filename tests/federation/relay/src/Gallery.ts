import { graphql } from 'relay-runtime';

/** Pages on, by Relay's own query. */
export const files = graphql`
  fragment Gallery_files on Query
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 10 }
    after: { type: "String" }
    under: { type: "String" }
  )
  @refetchable(queryName: "GalleryPageQuery") {
    files(first: $first, after: $after, under: $under) @connection(key: "Gallery_files") {
      edges {
        node {
          id
          ...Gallery_photo
        }
      }
    }
  }
`;

/** Is fetched again by `node`. */
export const photo = graphql`
  fragment Gallery_photo on Image
  @argumentDefinitions(colors: { type: "Int", defaultValue: 3 })
  @refetchable(queryName: "GalleryPhotoQuery") {
    name
    pHash
    captured {
      local
    }
    palette(colors: $colors) {
      color
      share
    }
  }
`;

export const gallery = graphql`
  query GalleryQuery($under: String) {
    ...Gallery_files @arguments(first: 5, under: $under)
  }
`;

export const shown = graphql`
  query GalleryShownQuery($id: ID!) {
    node(id: $id) {
      __typename
      ...Gallery_photo @alias @arguments(colors: 2)
    }
  }
`;

export const similar = graphql`
  query GallerySimilarQuery($id: ID!) {
    similar(to: { file: $id }, first: 3) {
      edges {
        similarity {
          distance
        }
        node {
          ...Gallery_photo
        }
      }
    }
  }
`;
