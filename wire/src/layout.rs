//! Layouts: what a frame's fields are, said once. Code, byte tables and golden vectors come from it.

use crate::field::Field;
use crate::frame::HEADER;

/// One row of a byte table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Bytes before it, counted from the frame's first.
    pub offset: usize,
    /// Its bytes.
    pub size: usize,
    /// Its type.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it counts; empty where it counts nothing.
    pub unit: &'static str,
    /// The value that says nothing; empty where each says something.
    pub null: &'static str,
    /// The version that added it.
    pub since: u8,
    /// What it says.
    pub says: &'static str,
}

/// The byte table of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: u8,
    /// Its bytes, header included.
    pub len: usize,
    /// What it is for.
    pub says: &'static str,
    /// Its rows.
    pub columns: fn() -> Vec<Column>,
}

/// A frame that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// Nobody knows this type.
    UnknownType(u8),
    /// It ends before the fields of its type do.
    TooShort {
        /// Its type.
        kind: u8,
    },
}

/// Every frame of clients, in the order of their types.
pub const FROM_CLIENT: &[Layout] = crate::from_client::LAYOUTS;

/// Every frame of the venue, in the order of their types.
pub const FROM_VENUE: &[Layout] = crate::from_venue::LAYOUTS;

/// Rows one after the other, from `offset` on.
pub(crate) struct Rows {
    pub(crate) offset: usize,
    pub(crate) rows: Vec<Column>,
}

impl Rows {
    pub(crate) fn of_frame() -> Self {
        Self { offset: HEADER, rows: Vec::new() }
    }

    pub(crate) fn add<F: Field>(&mut self, name: &'static str, kind: &'static str, says: [&'static str; 3]) {
        let [unit, null, says] = says;
        let column = Column { offset: self.offset, size: F::SIZE, kind, name, unit, null, since: 1, says };
        F::columns(column, &mut self.rows);
        self.offset += F::SIZE;
    }
}

/// Takes fields from bytes.
pub(crate) struct Cut<'a>(pub(crate) &'a [u8]);

impl Cut<'_> {
    #[inline]
    pub(crate) fn take<F: Field>(&mut self) -> Option<F> {
        let field = F::get(self.0)?;
        self.0 = self.0.get(F::SIZE..)?;
        Some(field)
    }
}

/// Declares the frames of one direction: a struct for each, with `write`, and an enum of all, with `decode`.
macro_rules! frames {
    ($(#[$all_doc:meta])* $all:ident { $(
        $(#[doc = $says:literal])* $name:ident = $kind:literal {
            $( $field:ident : $type:ty, $unit:literal, $null:literal, $meaning:literal; )*
        }
    )* }) => {
        $(
            $(#[doc = $says])*
            #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
            pub struct $name { $( #[doc = $meaning] pub $field: $type, )* }

            impl $name {
                /// Its type.
                pub const KIND: u8 = $kind;
                /// Its bytes, header included.
                pub const LEN: usize = $crate::frame::HEADER $( + <$type as $crate::field::Field>::SIZE )*;

                /// Appends the frame.
                pub fn write(&self, out: &mut Vec<u8>) {
                    out.reserve(Self::LEN);
                    out.extend_from_slice(&(Self::LEN as u16).to_le_bytes());
                    out.extend_from_slice(&[Self::KIND, $crate::VERSION]);
                    $( $crate::field::Field::put(&self.$field, out); )*
                }

                /// Reads it from a whole frame, of whatever type; `None` if that ends too early.
                #[inline]
                pub fn read(frame: $crate::Frame<'_>) -> Option<Self> {
                    #[allow(unused_mut)] // A frame may have no body.
                    let mut cut = $crate::layout::Cut(frame.bytes.get($crate::frame::HEADER..)?);
                    let _ = &cut;
                    Some(Self { $( $field: cut.take::<$type>()?, )* })
                }

                /// Shows its values by name, in their order.
                pub fn show(&self, out: &mut dyn FnMut(&'static str, String)) {
                    let _ = &out;
                    $( $crate::field::Field::show(&self.$field, stringify!($field), out); )*
                }

                fn columns() -> Vec<$crate::layout::Column> {
                    #[allow(unused_mut)] // A frame may have no body.
                    let mut rows = $crate::layout::Rows::of_frame();
                    $( rows.add::<$type>(stringify!($field), stringify!($type), [$unit, $null, $meaning]); )*
                    rows.rows
                }
            }
        )*

        $(#[$all_doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $all { $( $(#[doc = $says])* $name($name), )* }

        impl $all {
            /// Reads a frame by its type.
            #[inline]
            pub fn decode(frame: $crate::Frame<'_>) -> Result<Self, $crate::layout::DecodeError> {
                let short = $crate::layout::DecodeError::TooShort { kind: frame.kind };
                match frame.kind {
                    $( $name::KIND => $name::read(frame).map(Self::$name).ok_or(short), )*
                    other => Err($crate::layout::DecodeError::UnknownType(other)),
                }
            }

            /// Appends the frame.
            pub fn write(&self, out: &mut Vec<u8>) {
                match self { $( Self::$name(frame) => frame.write(out), )* }
            }

            /// The name of its type.
            pub const fn name(&self) -> &'static str {
                match self { $( Self::$name(_) => stringify!($name), )* }
            }

            /// Shows its values by name, in their order.
            pub fn show(&self, out: &mut dyn FnMut(&'static str, String)) {
                match self { $( Self::$name(frame) => frame.show(out), )* }
            }
        }

        pub(crate) const LAYOUTS: &[$crate::layout::Layout] = &[ $( $crate::layout::Layout {
            name: stringify!($name),
            kind: $name::KIND,
            len: $name::LEN,
            says: concat!($($says, " "),*),
            columns: $name::columns,
        }, )* ];
    };
}
pub(crate) use frames;
