//! `wspect man`: the manual page, all commands in one.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Cli, exit};

/// Arguments of `wspect man`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints the page.
pub fn run(_args: &Args) -> anyhow::Result<u8> {
    std::io::stdout().lock().write_all(&page()?)?;
    Ok(exit::OK)
}

/// The program's own page, with a section for every command. The list of commands that would
/// refer to one page each is left out.
fn page() -> anyhow::Result<Vec<u8>> {
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    let mut page = Vec::new();
    let man = Man::new(cli.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    commands(&cli, &mut page)?;
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

fn commands(parent: &clap::Command, page: &mut Vec<u8>) -> anyhow::Result<()> {
    for child in parent.get_subcommands() {
        let name = child.get_display_name().unwrap_or(child.get_name());
        writeln!(page, ".SH \"{}\"", name.replace('-', " ").to_uppercase())?;
        // What holds for every command is on the page already.
        let own = child.clone().mut_args(|arg| {
            let everywhere = arg.is_global_set() || arg.get_id() == "help";
            arg.hide(everywhere)
        });
        let mut section = Vec::new();
        let man = Man::new(own);
        man.render_synopsis_section(&mut section)?;
        man.render_description_section(&mut section)?;
        man.render_options_section(&mut section)?;
        page.extend(String::from_utf8(section)?.replace(".SH ", ".SS ").bytes());
        commands(child, page)?;
    }
    Ok(())
}
