package lakeward;

import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** The functions that Spark finds as {@code lakeward.<name>}, where this class is set as that catalog. */
public final class Functions implements FunctionCatalog {
  private static final Function[] ALL = {
    new ValueToken(), new Token(), new Seal(), new SealWith(), new Unseal(), new FlatTexts(),
    new LooksLike()
  };
  private String name;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Identifier[] listFunctions(String[] namespace) {
    Identifier[] names = new Identifier[ALL.length];
    for (int i = 0; i < ALL.length; i++) {
      names[i] = Identifier.of(namespace, ALL[i].name());
    }
    return names;
  }

  @Override
  public UnboundFunction loadFunction(Identifier wanted) throws NoSuchFunctionException {
    for (Function one : ALL) {
      if (one.name().equals(wanted.name())) {
        return one;
      }
    }
    throw new NoSuchFunctionException(wanted);
  }
}
