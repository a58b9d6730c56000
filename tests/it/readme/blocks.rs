//! The fenced blocks of a document.

/// Its language, behind it the file that it shows, and its text.
#[derive(Debug, Clone)]
pub struct Block {
    pub language: String,
    pub file: Option<String>,
    pub text: String,
}

impl Block {
    /// What the block before it prints.
    pub fn is_an_answer(&self) -> bool {
        ["json", "text"].contains(&self.language.as_str())
    }

    pub fn asks_the_index(&self) -> bool {
        self.language == "graphql" && is_of_the_index(&self.text)
    }
}

pub fn is_of_the_index(query: &str) -> bool {
    query.contains("similar(") || query.contains("duplicateGroups")
}

pub fn blocks(markdown: &str) -> Vec<Block> {
    let fences = markdown.split("\n```").skip(1).step_by(2);
    let block = |fence: &str| {
        let (head, text) = fence.split_once('\n')?;
        let (language, file) =
            head.split_once(' ').map_or((head, None), |(language, file)| (language, Some(file)));
        Some(Block {
            language: language.to_owned(),
            file: file.map(str::to_owned),
            text: text.to_owned() + if text.is_empty() { "" } else { "\n" },
        })
    };
    fences.filter_map(block).collect()
}
