//! A file that has been parsed and walked: what it names is known, what it means is not checked yet.

use super::{
    Config, Problem, Problems, SecretSource, SecretValues, Warning,
    assemble::assemble,
    file::{Node, Walked, walk},
    reading::Check,
};

/// A configuration of which every key has been walked.
#[derive(Debug)]
pub struct Draft {
    /// None where the file is no TOML.
    walked: Option<Walked>,
    /// What the parser found.
    problems: Vec<Problem>,
}

impl Draft {
    /// Parses a file. What is wrong is kept for [`Draft::check`], so that every problem is told at once.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (root, problems) = Node::parse(text);
        Self { walked: root.as_ref().map(walk), problems }
    }

    /// The sources of the secrets that the file names, for somebody who may read them.
    #[must_use]
    pub(crate) fn secret_sources(&self) -> Vec<SecretSource> {
        let mut sources = self.walked.as_ref().map(|walked| walked.secrets.clone()).unwrap_or_default();
        sources.sort();
        sources.dedup();
        sources
    }

    /// Checks what the file means.
    ///
    /// # Errors
    /// Every problem, in the order of the file.
    pub fn check(self, secrets: &SecretValues) -> Result<(Config, Vec<Warning>), Problems> {
        let mut check = Check { problems: self.problems, warnings: Vec::new(), secrets };
        let config = self.walked.and_then(|walked| {
            check.problems.extend(walked.problems);
            assemble(&walked.root, &mut check)
        });
        match (config, Problems::new(check.problems)) {
            (_, Some(problems)) => Err(problems),
            (Some(config), None) => Ok((config, check.warnings)),
            (None, None) => Err(Problems::new(vec![unexplained()]).expect("the list has one problem")),
        }
    }
}

/// A reader gave nothing and said nothing: our mistake, and still no reason to go on with half a configuration.
fn unexplained() -> Problem {
    Problem {
        key: String::new(),
        line: None,
        found: "not understood".to_owned(),
        fix: "report this as a bug of the gateway".to_owned(),
    }
}
