package lakeward;

import java.util.Arrays;
import org.apache.spark.unsafe.types.UTF8String;

/** One look at one JSON text (RFC 8259) that may be a flat object of texts and nulls. */
final class FlatJson {
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private final byte[] json;
  private final byte[][] names;
  private final UTF8String[] texts;
  private final boolean[] seen;
  private int at = 0;

  /** Of the text that was taken last: where it begins and ends, and whether it has escapes. */
  private int from;
  private int to;
  private boolean escaped;

  FlatJson(byte[] json, byte[][] names) {
    this.json = json;
    this.names = names;
    texts = new UTF8String[names.length];
    seen = new boolean[names.length];
  }

  /** The text of each name, null where there is none; null for JSON that is more than this class reads. */
  Object[] read() {
    if (!take('{')) {
      return null;
    }
    if (!take('}')) {
      int place = -1;
      do {
        if (!takeText() || escaped) {
          return null;
        }
        place = place(place + 1);
        if (!take(':') || !takeValue(place)) {
          return null;
        }
      } while (take(','));
      if (!take('}')) {
        return null;
      }
    }
    skipBlanks();
    return at == json.length ? texts : null;
  }

  private void skipBlanks() {
    while (at < json.length && (json[at] == ' ' || json[at] == '\t' || json[at] == '\n' || json[at] == '\r')) {
      at++;
    }
  }

  private boolean take(char wanted) {
    skipBlanks();
    boolean there = at < json.length && json[at] == wanted;
    at += there ? 1 : 0;
    return there;
  }

  private boolean takeText() {
    if (!take('"')) {
      return false;
    }
    from = at;
    escaped = false;
    for (; at < json.length; at++) {
      byte one = json[at];
      if (one == '"') {
        to = at++;
        return true;
      }
      if (one == '\\') {
        escaped = true;
        at++;
      } else if (one >= 0 && one < ' ') {
        return false; // a control character may not stand there as it is
      }
    }
    return false;
  }

  /** Where the name that was taken last stands among the names, -1 for nowhere; {@code likely} is looked at first. */
  private int place(int likely) {
    for (int i = 0; i < names.length; i++) {
      int candidate = (likely + i) % names.length;
      byte[] name = names[candidate];
      if (Arrays.equals(name, 0, name.length, json, from, to)) {
        return candidate;
      }
    }
    return -1;
  }

  private boolean takeValue(int place) {
    UTF8String text = null;
    if (takeText()) {
      text = escaped ? unescaped() : UTF8String.fromBytes(json, from, to - from);
      if (text == null) {
        return false;
      }
    } else if (!takeNull()) {
      return false;
    }
    if (place >= 0) {
      if (seen[place]) {
        return false; // which of two counts is not for this class to say
      }
      seen[place] = true;
      texts[place] = text;
    }
    return true;
  }

  private boolean takeNull() {
    int end = at + NULL.length;
    boolean there = end <= json.length && Arrays.equals(NULL, 0, NULL.length, json, at, end);
    at += there ? NULL.length : 0;
    return there;
  }

  /** The text that was taken last; null where it has a character by number, which is rare. */
  private UTF8String unescaped() {
    byte[] out = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      byte one = json[i];
      if (one == '\\') {
        one = meant(json[++i]);
        if (one == 0) {
          return null;
        }
      }
      out[length++] = one;
    }
    return UTF8String.fromBytes(Arrays.copyOf(out, length));
  }

  /** What stands behind a backslash means; 0 for what is not taken here. */
  private static byte meant(byte one) {
    switch (one) {
      case '"': case '\\': case '/':
        return one;
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      default:
        return 0;
    }
  }
}
