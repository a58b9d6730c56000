// The examples' documents. DECLARED and FIELD become those of a file or of a picture of the web.

export const PICTURE = `# Ctrl-Enter runs.
query Picture(DECLARED) {
  FIELD {
    name
    format
    size
    display {
      width
      height
    }
    pHash
    blurHash
    palette(colors: 5) {
      color
      share
    }
  }
}
`;

export const EXIF = `query Exif(DECLARED) {
  FIELD {
    name
    camera {
      make
      model
      lens
    }
    captured {
      local
      offset
    }
    location {
      latitude
      longitude
      altitude
    }
    exif {
      image {
        make
        orientation
        software
      }
      exif {
        exposureTime
        fNumber
        iso
        focalLength
      }
      gps {
        raw
      }
    }
  }
}
`;

export const BATCH = `# One request, many images:
# each is looked up once.
query Batch(
  $of: [ImageInput!]!
) {
  images(of: $of) {
    name
    width
    height
    dominantColor
  }
}
`;

export const SIMILARITY = `query Similarity(
  DECLARED
  $other: SimilarityTarget!
) {
  FIELD {
    name
    similarity(to: $other) {
      distance
      score
      isDuplicate
    }
  }
}
`;

export const DUPLICATES = `query Duplicates {
  duplicateGroups(first: 5) {
    edges {
      node {
        count
        best {
          path
          size
        }
        images(first: 8) {
          path
          size
        }
      }
    }
  }
}
`;

export const LIVE = `# Each image comes as soon
# as it is known.
subscription Live(
  $of: [ImageInput!]!
) {
  images(of: $of) {
    done
    total
    index
    image {
      name
      width
      height
      pHash
    }
    error {
      code
      message
    }
  }
}
`;

export const LIBRARY = `# The next page: put
# endCursor into "after".
query Library(
  $first: Int
  $after: String
  $under: String
) {
  files(
    first: $first
    after: $after
    under: $under
  ) {
    edges {
      node {
        path
        format
        width
        height
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

export const UPLOAD = `# Adds a file to the library:
# choose one above the
# pictures.
mutation Upload(
  $file: Upload!
  $folder: String
) {
  upload(
    file: $file
    folder: $folder
  ) {
    id
    path
    format
    width
    height
    pHash
  }
}
`;
